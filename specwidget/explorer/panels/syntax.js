// The words of Python and R, told apart for colours. Pure: a text in, its pieces out.

const WORDS = ["False", "None", "True", "as", "from", "import", "FALSE", "NULL", "TRUE", "library"];
const TOKEN =
  /(?<comment>#[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<number>\b\d[\d.]*(?:e[-+]?\d+)?L?\b)|(?<name>\b[A-Za-z_]\w*)/g;

// The pieces of a text, one after the other: [kind, text], where the kind of what is not coloured is "".
export function pieces(text) {
  const found = [];
  let at = 0;
  const add = (kind, part) => {
    const last = found[found.length - 1];
    if (last && last[0] === kind) last[1] += part;
    else if (part) found.push([kind, part]);
  };
  for (const match of text.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups).find(([, part]) => part !== undefined);
    add("", text.slice(at, match.index));
    add(kind !== "name" ? kind : WORDS.includes(match[0]) ? "keyword" : "", match[0]);
    at = match.index + match[0].length;
  }
  add("", text.slice(at));
  return found;
}
