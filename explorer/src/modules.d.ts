declare module '*.css';
declare module 'react-jsx-runtime-itself' {
  export { Fragment, jsx, jsxs } from 'react/jsx-runtime';
}
declare module 'codemirror/addon/display/placeholder.js';
