/** What `formData()` of a runtime finds in the forms of the table. */

/** A form of the table. */
export interface TableForm {
  readonly name: string;
  /** The Content-Type of the request. */
  readonly type: string;
  /** The bytes of the body, one for each character. */
  readonly body: string;
}

export function bodyBytes({ body }: TableForm): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(body, (character) => character.charCodeAt(0));
}

/** A file as the table writes it. */
export function fileText(name: string, fileName: string | undefined, content: string): string {
  return `${name}: ${JSON.stringify(fileName ?? null)}${content === "hi" ? "" : ` (${content})`}`;
}

export async function parseFormData(form: TableForm): Promise<string> {
  try {
    const response = new Response(bodyBytes(form), { headers: { "content-type": form.type } });
    const found: string[] = [];
    for (const [name, value] of await response.formData()) {
      found.push(typeof value === "string" ? `${name}=${value}` : fileText(name, value.name, await value.text()));
    }
    return found.join(", ") || "nothing";
  } catch {
    return "refused";
  }
}
