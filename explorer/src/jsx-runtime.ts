/** Stands in for `react/jsx-runtime` in the whole bundle, so that GraphiQL, which knows only
 * English, shows the page's language. Looked up are child texts and the labels of DOM elements. */
import type { Key } from 'react';
import * as runtime from 'react-jsx-runtime-itself';
import { t, translate } from './i18n';

type Props = Record<string, unknown>;

const LABELS = ['aria-label', 'title', 'placeholder'] as const;

const translated = (child: unknown): unknown => (typeof child === 'string' ? translate(child) : child);

function inLanguage(type: unknown, props: Props): Props {
  const shown = { ...props };
  const { children } = props;
  if (children !== undefined) shown.children = Array.isArray(children) ? children.map(translated) : translated(children);
  if (typeof type === 'string') for (const label of LABELS) if (label in props) shown[label] = translated(props[label]);
  // The one field that GraphiQL leaves without a name.
  if (props['data-cy'] === 'doc-explorer-input') shown['aria-label'] = t('searchDocs');
  return shown;
}

export const Fragment = runtime.Fragment;
export const jsx = (type: never, props: Props, key?: Key) => runtime.jsx(type, inLanguage(type, props), key);
export const jsxs = (type: never, props: Props, key?: Key) => runtime.jsxs(type, inLanguage(type, props), key);
