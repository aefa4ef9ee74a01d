import 'graphiql/style.css';
import './style.css';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { speak, language } from './i18n';

speak(language());
createRoot(document.getElementById('explorer')!).render(<App />);
