import { useEffect, useRef } from 'react';
import { say, t } from './i18n';
import { operationName, page, type Example } from './page';

export function Examples({ active, onOpen }: { active: string; onOpen(example: Example): void }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    nav.current?.querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);
  return (
    <nav ref={nav} className="examples" aria-label={t('examples')}>
      <span className="examples-title">{t('examples')}</span>
      {page.examples.map((example) => (
        <button
          key={example.name}
          type="button"
          className="example"
          data-example={example.name}
          aria-pressed={operationName(example.query) === active}
          onClick={() => onOpen(example)}
        >
          <span className="example-audience">{say(example.audience)}</span>
          <span>{say(example.title)}</span>
        </button>
      ))}
    </nav>
  );
}
