// Announces decisions in Slack and to other services, and notifies ops of trouble.
// Other folders import this file only (.oxlintrc.json).

export { consumeDeadNotifications, consumeNotifications } from "./notifications.ts";
export { readPublicUrl, slackSecretsOf } from "./slack/channel.ts";
export type { SlackMessage } from "./slack/format.ts";
export { notifyOps, notifyOpsOnce, opsMessage } from "./slack/ops.ts";
export { consumeDeliveries } from "./webhooks/deliver.ts";
export {
  addDeliveriesOfLeads,
  countDeliveries,
  deliveryId,
  type DeliveryRow,
  listDeliveries,
  readDeliveryId,
} from "./webhooks/deliveries.ts";
export { allTroubles, TROUBLE } from "./webhooks/destination-troubles.ts";
export { maintainDeliveries, retryDelivery } from "./webhooks/due.ts";
