// Tells Slack and other services about decisions.
// Other folders import this file only (.oxlintrc.json).

export { consumeDeadNotifications, consumeNotifications } from "./slack/consumer.ts";
export { opsMessage, stuckMessage } from "./slack/ops-message.ts";
export { readPublicUrl } from "./slack/public-url.ts";
export type { SlackMessage } from "./slack/slack-message.ts";
export { slackSecretsOf } from "./slack/slack-secrets.ts";
export { tellOnce } from "./slack/tell-once.ts";
export { tellOps } from "./slack/tell-ops.ts";
export { consumeDeliveries } from "./webhooks/consumer.ts";
export { countDeliveries, type DeliveryRow, listDeliveries } from "./webhooks/deliveries.ts";
export { deliveryId, readDeliveryId } from "./webhooks/delivery-id.ts";
export { retryDelivery } from "./webhooks/retry.ts";
export { tendDeliveries } from "./webhooks/tend.ts";
export { TROUBLE } from "./webhooks/trouble-message.ts";
export { allTroubles } from "./webhooks/troubles.ts";
export { keepUndeliveredOf } from "./webhooks/undelivered.ts";
