import { glob, readFile } from 'node:fs/promises';

const PROJECT_URL = new URL('../../../', import.meta.url);

const BLOCK = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

export const projectFile = (path: string) => new URL(path, PROJECT_URL);

/** Markdown that readers are sent to, by path. */
export async function pagePaths(): Promise<string[]> {
  const paths = await Array.fromAsync(
    glob(['*.md', 'docs/**/*.md', 'local/*/README.md'], { cwd: projectFile('.') }),
  );
  return paths.sort();
}

export function readPage(path: string): Promise<string> {
  return readFile(projectFile(path), 'utf8');
}

/** The text under a heading of the second level. Throws when there is no such heading. */
export function sectionOf(markdown: string, heading: string): string {
  const section = markdown.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`The page has no section "${heading}".`);
  return section;
}

/** The cells of every table row in the text; not of the tables' headings. */
export function rowsOf(section: string): string[][] {
  return section
    .split('\n')
    .filter((line, index, lines) => line.startsWith('| ') && !lines[index + 1]?.startsWith('|--'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** What stands in backticks. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The code blocks of a language (`''` for those that name none), wherever they are indented to. */
export function blocksIn(markdown: string, language: string): string[] {
  return [...markdown.matchAll(BLOCK)].flatMap(([, found, block = '']) =>
    found === language ? [block] : [],
  );
}

/** The targets of links within the repository: `path`, `path#anchor` or `#anchor`. */
export function linksIn(markdown: string): string[] {
  const links = withoutBlocks(markdown).matchAll(/\]\((?!https?:)([^)\s]+)\)/g);
  return [...links].map(([, target = '']) => target);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const headings = [...withoutBlocks(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The first line under the title. */
export function firstLineOf(markdown: string): string {
  return markdown.split('\n')[2] ?? '';
}

/** The page as prose: links, headings, tables, without its code blocks. */
export function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(BLOCK, '');
}
