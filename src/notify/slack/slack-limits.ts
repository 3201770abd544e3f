/**
 * What Slack takes, in one place. Characters are counted as UTF-16 code units, an upper bound of every way in which Slack may
 * count them: "12,000 characters" of Chinese were seen accepted (36,000 bytes), so they are not bytes.
 */
export const SLACK_LIMITS = {
  /** Blocks a message (docs.slack.dev/reference/block-kit/blocks). */
  blocks: 50,
  /** Characters of a header (…/blocks/header-block); it is plain text only. */
  headerText: 150,
  /** Characters of a section's text (…/blocks/section-block). */
  sectionText: 3_000,
  /** Elements of a context block (…/blocks/context-block). */
  contextElements: 10,
  /** Characters of a text in a context block: 3,000 for a text object (…/composition-objects/text-object); 2,000 was said before. */
  contextText: 2_000,
  /** Characters of the text that stands in for the blocks on a lock screen: more than 4,000 is advised against (…/methods/chat.postMessage). */
  fallbackText: 4_000,
  /**
   * Characters of a whole message, counted by `sizeOf`. Slack publishes no number. Messages were refused at 13,200
   * (`msg_blocks_too_long`, slackapi/bolt-js #2509) and at 11,341 characters in many blocks (#2867): blocks themselves count.
   */
  message: 10_000,
  /** What a block is taken to cost beside its texts, in characters: an allowance of ours for what those reports could not explain. */
  block: 40,
  /** Messages a second to one channel, by webhook or chat.postMessage; short bursts of more are let pass (docs.slack.dev/apis/web-api/rate-limits). */
  messagesPerSecond: 1,
} as const;
