import type { Form } from "./plan.ts";

/** What the clients and Slack know, independently of the router. Forms go by their address. */
export class Journal {
  /** Ids that a form was answered with, in order: none while every post was cut off, several when posted again. */
  readonly answers = new Map<string, string[]>();
  /** How often Slack was told of a lead. */
  readonly announced = new Map<string, number>();
  kills = 0;

  recordAnswer({ email }: Form, leadId: string): void {
    this.answers.set(email, [...(this.answers.get(email) ?? []), leadId]);
  }

  recordAnnouncement(email: string): void {
    this.announced.set(email, (this.announced.get(email) ?? 0) + 1);
  }
}
