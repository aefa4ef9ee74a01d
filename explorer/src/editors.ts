import 'codemirror/addon/display/placeholder.js';
import { useEffect, useRef } from 'react';
import { useEditorContext } from '@graphiql/react';
import type { Identity } from './identity';
import { t } from './i18n';
import { memory } from './memory';
import { operationName, variablesText, type Example } from './page';

/** What the page does with GraphiQL's editors and tabs. */
export function useEditors(identity: Identity) {
  const context = useEditorContext({ nonNull: true });
  const { tabs, activeTabIndex, queryEditor, variableEditor, headerEditor, responseEditor } = context;
  const waiting = useRef<Example | null>(null);
  const asked = useRef(identity);

  useEffect(() => {
    if (!waiting.current || !queryEditor || !variableEditor) return;
    queryEditor.setValue(waiting.current.query);
    variableEditor.setValue(variablesText(waiting.current));
    waiting.current = null;
  }, [tabs.length, queryEditor, variableEditor]);

  useEffect(() => {
    if (asked.current === identity) return;
    asked.current = identity;
    // Every tab forgets its answer in place: GraphiQL has no call for it, and what one
    // identity was shown must not stand under the next.
    for (const tab of tabs) tab.response = null;
    responseEditor?.setValue('');
  }, [identity, responseEditor, tabs]);

  useEffect(() => {
    const labels = [
      [queryEditor, t('queryEditor')],
      [variableEditor, t('variableEditor')],
      [headerEditor, t('headerEditor')],
      [responseEditor, t('result')],
    ] as const;
    for (const [editor, label] of labels) {
      editor?.setOption('screenReaderLabel', label);
      // Tab must leave the editor for those who have only a keyboard; Ctrl-] indents.
      editor?.addKeyMap({ Tab: false, 'Shift-Tab': false } as never);
    }
    responseEditor?.setOption('placeholder', t('empty'));
  }, [queryEditor, variableEditor, headerEditor, responseEditor]);

  return {
    activeQuery: operationName(tabs[activeTabIndex]?.query ?? ''),
    save: () => memory.keep({ tabs, activeTabIndex }),
    open(example: Example): void {
      const name = operationName(example.query);
      const index = tabs.findIndex((tab) => operationName(tab.query ?? '') === name);
      if (index === activeTabIndex) return;
      if (index >= 0) return context.changeTab(index);
      waiting.current = example;
      context.addTab();
    },
  };
}
