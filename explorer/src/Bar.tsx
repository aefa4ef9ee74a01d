import { useState, type FormEvent } from 'react';
import { language, say, t, type Language } from './i18n';
import { nobody, pasted, type Identity } from './identity';
import { page, type Persona } from './page';
import { labelOf } from './App';

interface BarProps {
  people: Persona[];
  identity: Identity;
  note: string;
  become(persona: Persona): void;
  take(identity: Identity, said: string): void;
  onLanguage(next: Language): void;
}

export function Bar({ people, identity, note, become, take, onLanguage }: BarProps) {
  return (
    <header className="bar">
      <h1 className="bar-name">
        <strong>{t('hub')}</strong>
        <span>{t('explorer')}</span>
        {page.demo && (
          <em className="bar-demo" title={t('demoHint')}>
            {t('demo')}
          </em>
        )}
      </h1>
      <div className="bar-who">
        {page.demo ? <Switcher {...{ people, identity, become }} /> : <TokenField {...{ identity, take }} />}
      </div>
      <button
        type="button"
        className="bar-language"
        aria-label={t('otherLanguageLabel')}
        lang={language() === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => onLanguage(language() === 'zh' ? 'en' : 'zh')}
      >
        {t('otherLanguage')}
      </button>
      <p className="bar-note" role="status">
        {note}
      </p>
    </header>
  );
}

function Switcher({ people, identity, become }: Pick<BarProps, 'people' | 'identity' | 'become'>) {
  const roles = [...new Set(people.map((persona) => persona.role))];
  return (
    <>
      <label className="who">
        <span>{t('persona')}</span>
        <select
          value={identity.name}
          onChange={(event) => {
            const chosen = people.find((persona) => persona.name === event.target.value);
            if (chosen) become(chosen);
          }}
        >
          {roles.map((role) => (
            <optgroup key={role} label={roleLabel(role)}>
              {people
                .filter((persona) => persona.role === role)
                .map((persona) => (
                  <option key={persona.name} value={persona.name}>
                    {labelOf(persona)}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      {identity.persona && <Facts persona={identity.persona} />}
    </>
  );
}

function Facts({ persona }: { persona: Persona }) {
  const facts = [
    [t('role'), roleLabel(persona.role)],
    [t('division'), persona.division],
    [t('organisation'), persona.organisation],
  ] as const;
  return (
    <dl className="facts">
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd title={value}>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function roleLabel(role: string): string {
  const label = page.roles[role];
  return label ? say(label) : role;
}

function TokenField({ identity, take }: Pick<BarProps, 'identity' | 'take'>) {
  const [text, setText] = useState('');
  const use = (event: FormEvent) => {
    event.preventDefault();
    const token = text.trim().replace(/^Bearer\s+/i, '');
    if (token) take(pasted(token), t('accepted'));
    setText('');
  };
  return (
    <form className="token" onSubmit={use}>
      <label className="who">
        <span>{t('token')}</span>
        <input
          type="password"
          name="token"
          autoComplete="off"
          spellCheck={false}
          placeholder={t('tokenHint')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit">{t('use')}</button>
      <button type="button" disabled={identity === nobody} onClick={() => take(nobody, t('forgotten'))}>
        {t('forget')}
      </button>
    </form>
  );
}
