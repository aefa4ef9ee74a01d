import { useEffect, useMemo, useState } from 'react';
import { DOC_EXPLORER_PLUGIN, DocExplorerContextProvider } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryContextProvider } from '@graphiql/plugin-history';
import { GraphiQLProvider, usePluginStore } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { lineOf } from './fetcher';
import { language, speak, t, type Language } from './i18n';
import { acting, nobody, personas as readPersonas, type Identity } from './identity';
import { memory } from './memory';
import { page, variablesText, type Example, type Persona } from './page';
import { Bar } from './Bar';
import { Examples } from './Examples';
import { useEditors } from './editors';

const PLUGINS = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN];

export function App() {
  const [spoken, setSpoken] = useState<Language>(language());
  const [people, setPeople] = useState<Persona[]>([]);
  const [identity, setIdentity] = useState<Identity | null>(page.demo ? null : nobody);
  const [note, setNote] = useState('');

  useEffect(() => {
    if (!page.demo) return;
    readPersonas().then(
      (found) => {
        setPeople(found);
        const first = found.find(({ role }) => page.examples[0]?.roles.includes(role)) ?? found[0];
        setIdentity(first ? acting(first) : nobody);
      },
      (error: unknown) => {
        setNote(error instanceof Error ? error.message : t('noPersonas'));
        setIdentity(nobody);
      },
    );
  }, []);

  if (!identity) return null;
  const change = (next: Language) => {
    speak(next);
    setNote('');
    setSpoken(next);
  };
  // A new key per language: GraphiQL keeps its texts once drawn, its tabs live on in `memory`.
  return (
    <Desk key={spoken} {...{ people, identity, setIdentity, note, setNote }} onLanguage={change} />
  );
}

interface DeskProps {
  people: Persona[];
  identity: Identity;
  setIdentity(next: Identity): void;
  note: string;
  setNote(note: string): void;
  onLanguage(next: Language): void;
}

function Desk(props: DeskProps) {
  const line = useMemo(() => lineOf(props.identity), [props.identity]);
  useEffect(() => () => line.hangUp(), [line]);
  useState(firstExample);
  // Open in the language before, open in this one; GraphiQL would keep its column and show nothing in it.
  const [panel] = useState(usePluginStore().visiblePlugin);
  return (
    <GraphiQLProvider
      fetcher={line.fetcher}
      storage={memory}
      plugins={PLUGINS}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      visiblePlugin={panel ?? undefined}
      defaultQuery=""
      shouldPersistHeaders={false}
    >
      <HistoryContextProvider>
        <DocExplorerContextProvider>
          <Page {...props} />
        </DocExplorerContextProvider>
      </HistoryContextProvider>
    </GraphiQLProvider>
  );
}

function Page({ people, identity, setIdentity, note, setNote, onLanguage }: DeskProps) {
  const { open, save, activeQuery } = useEditors(identity);

  const take = (next: Identity, said: string) => {
    setIdentity(next);
    setNote(said);
  };
  const become = (persona: Persona) => take(acting(persona), t('now') + labelOf(persona));
  const show = (example: Example) => {
    open(example);
    const role = identity.persona?.role;
    if (!role || example.roles.includes(role)) return;
    const fitting = people.find((persona) => example.roles.includes(persona.role));
    if (fitting) become(fitting);
  };
  return (
    <>
      <Bar
        {...{ people, identity, note, become, take }}
        onLanguage={(next) => {
          save();
          onLanguage(next);
        }}
      />
      <Examples active={activeQuery} onOpen={show} />
      <main className="desk">
        <GraphiQLInterface showPersistHeadersSettings={false} defaultEditorToolsVisibility="variables">
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
        </GraphiQLInterface>
      </main>
    </>
  );
}

export function labelOf(persona: Persona): string {
  return language() === 'zh' ? persona.label_zh : persona.label_en;
}

function firstExample(): void {
  const first = page.examples[0];
  if (first && memory.length === 0) memory.open(first.query, variablesText(first));
}
