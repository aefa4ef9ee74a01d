import graphiqlZh from './graphiql.zh.json';
import type { Bilingual } from './page';

export type Language = 'zh' | 'en';

const KEY = 'hub-explorer-language';

function remembered(): Language {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

let current: Language = remembered();

export const language = (): Language => current;

export function speak(next: Language): void {
  current = next;
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that refuses storage only forgets the choice.
  }
}

const TEXT = {
  title: { zh: '民政服务站数据枢纽 · GraphQL 查询台', en: 'Civil-affairs data hub · GraphQL explorer' },
  hub: { zh: '民政服务站数据枢纽', en: 'Civil-affairs data hub' },
  explorer: { zh: 'GraphQL 查询台', en: 'GraphQL explorer' },
  demo: { zh: '演示', en: 'Demo' },
  demoHint: { zh: '演示数据均为合成，不含真实个人信息', en: 'Demo data is synthetic; nobody in it is real' },
  persona: { zh: '当前身份', en: 'Acting as' },
  role: { zh: '角色', en: 'Role' },
  division: { zh: '区划', en: 'Division' },
  organisation: { zh: '单位', en: 'Organisation' },
  examples: { zh: '示例查询', en: 'Example queries' },
  token: { zh: '访问令牌', en: 'Access token' },
  tokenHint: {
    zh: '粘贴 Bearer 令牌，仅保存在本页内存中',
    en: 'Paste a bearer token; it stays in this page’s memory',
  },
  use: { zh: '使用', en: 'Use' },
  forget: { zh: '清除', en: 'Forget' },
  accepted: { zh: '令牌已启用，正在读取可见的结构。', en: 'Token in use; reading the schema it may see.' },
  forgotten: { zh: '令牌已清除。', en: 'Token forgotten.' },
  now: { zh: '当前身份：', en: 'Now acting as ' },
  noToken: {
    zh: '尚无访问令牌：请先在页面上方粘贴访问令牌。',
    en: 'No access token yet: paste one at the top of the page.',
  },
  noMint: { zh: '无法取得演示令牌', en: 'No demo token could be had' },
  noPersonas: { zh: '无法读取演示身份', en: 'The demo personas could not be read' },
  switched: { zh: '身份已切换，原请求已取消。', en: 'The identity changed; the request was cancelled.' },
  unreachable: { zh: '服务无法连接。', en: 'The hub cannot be reached.' },
  otherLanguage: { zh: 'English', en: '中文' },
  otherLanguageLabel: { zh: 'Switch to English', en: '切换为中文' },
  searchDocs: { zh: '在结构文档中查找', en: 'Search the documentation' },
  queryEditor: { zh: '查询编辑器', en: 'Query editor' },
  variableEditor: { zh: '变量编辑器', en: 'Variable editor' },
  headerEditor: { zh: '请求头编辑器', en: 'Header editor' },
  empty: { zh: '按 ▶ 或 Ctrl-Enter 执行查询', en: 'Press ▶ or Ctrl-Enter to run the query' },
  result: { zh: '查询结果', en: 'Result' },
} satisfies Record<string, Bilingual>;

export const t = (key: keyof typeof TEXT): string => TEXT[key][current];
export const say = (text: Bilingual): string => text[current];

const WHOLE: Record<string, string> = graphiqlZh.whole;
const PREFIX = Object.entries(graphiqlZh.prefix);

/** One of GraphiQL's own English phrases in the page's language; anything else as it is. */
export function translate(text: string): string {
  if (current === 'en') return text;
  const whole = WHOLE[text];
  if (whole !== undefined) return whole;
  const prefix = PREFIX.find(([english]) => text.startsWith(english));
  return prefix ? prefix[1] + translate(text.slice(prefix[0].length)) : text;
}
