import type { Announcement } from "../../../src/notify/announcement.ts";

/** The instant at which messages are written in these tests. */
export const NOW = Date.UTC(2026, 10, 22, 9, 30);

/** An assigned lead that came in three seconds ago. */
export function announcement(changes: Partial<Announcement> = {}): Announcement {
  return {
    leadId: "01a1f000-0000-7000-8000-000000000000",
    generation: 1,
    outcome: "assigned",
    ownerId: "ana",
    ownerName: "Ana Alvarez",
    slackUserId: null,
    podId: "dach",
    reason: "ana was next in dach.",
    receivedAt: NOW - 3_000,
    name: "Jane Doe",
    email: "jane@acme.test",
    phone: "+49 30 123456",
    company: "Acme",
    companyDomain: "acme.test",
    countryCode: "DE",
    source: "referral",
    score: 87.5,
    ended: 0,
    erasedAt: null,
    newestGeneration: 1,
    ...changes,
  };
}
