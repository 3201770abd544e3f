/** A link from a Markdown document to a file of its repository, or to one of its own headings. */
interface DocLink {
  /** Relative; empty = the document itself. */
  readonly path: string;
  /** Without the "#"; null = the whole file. */
  readonly anchor: string | null;
}

/** The links of a document to files and headings of its own repository. */
export function listLinks(document: string): readonly DocLink[] {
  return [...outsideFences(document).matchAll(/\]\((?<target>[^)\s]+)\)/g)]
    .map(({ groups: { target = "" } = {} }) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
    .map((target) => {
      const at = target.indexOf("#");
      return at < 0
        ? { path: target, anchor: null }
        : { path: target.slice(0, at), anchor: target.slice(at + 1) };
    });
}

/** The anchors that GitHub gives a document's headings. */
export function listAnchors(document: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of outsideFences(document).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(heading);
    let name = anchor;
    for (let nth = 1; anchors.has(name); nth++) name = `${anchor}-${nth}`;
    anchors.add(name);
  }
  return anchors;
}

function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** Shell comments are not headings, and command output has no links. */
function outsideFences(document: string): string {
  return document.replaceAll(/^(?<indent> *)```.*\n(?:(?! *```).*\n)*? *```$/gm, "");
}
