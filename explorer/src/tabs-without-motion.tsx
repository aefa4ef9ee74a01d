/** Stands in for framer-motion, which GraphiQL uses only to drag tabs into another order:
 * 130 kB and inline styles that this page does without. */
import type { ComponentPropsWithRef } from 'react';

type Group = ComponentPropsWithRef<'ul'> & { values: unknown; axis: unknown; onReorder: unknown };
type Item = Omit<ComponentPropsWithRef<'li'>, 'value'> & { value: unknown };

export const Reorder = {
  Group: ({ values: _values, axis: _axis, onReorder: _onReorder, ...props }: Group) => <ul {...props} />,
  Item: ({ value: _value, ...props }: Item) => <li {...props} />,
};
