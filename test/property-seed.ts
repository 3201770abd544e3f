import fc from "fast-check";

// Property tests draw the same cases every time, so that a failure is always that of the change at hand. Set FC_SEED to draw
// others: FC_SEED=$RANDOM npm test
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 20_261_122) });
