/** A lead before it is posted. */
export interface DemoLead {
  /** How a refusal names it: "row 12". */
  readonly label: string;
  /** The content type it is posted as. */
  readonly encoding: "json" | "form";
  /** Under the names the form or the file used. */
  readonly fields: Readonly<Record<string, unknown>>;
}
