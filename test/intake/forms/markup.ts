/** The elements of a page as workerd's own parser finds them, each with its attributes' names: "input[type,name,value]". */
export async function listMarkup(page: Response): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const rewriter = new HTMLRewriter().on("*", {
    element({ tagName, attributes }) {
      const names = [...attributes].map(([name]) => name);
      found.add(names.length === 0 ? tagName : `${tagName}[${names.join(",")}]`);
    },
    comments({ text }) {
      found.add(`<!--${text}-->`);
    },
  });
  await rewriter.transform(page).arrayBuffer();
  return found;
}
