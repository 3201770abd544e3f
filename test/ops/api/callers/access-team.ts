import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import { NOW } from "../../../roster/roster-world.ts";

export const TEAM = "acme.cloudflareaccess.com";
export const AUDIENCE = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";

/** What a claim is when a test does not say otherwise; undefined leaves it out. */
type Claims = Readonly<Record<string, unknown>>;

/** A stand-in for a team at Cloudflare Access: signs assertions with real keys, and serves those keys as the team does. */
export async function openTeam() {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "key-1", alg: "RS256", use: "sig" }];
  const fetched: string[] = [];
  let answer = (): Response | Promise<Response> => Response.json({ keys, public_certs: [] });
  return {
    privateKey,
    publicKey,
    keys,
    fetched,
    /** From now on the keys are answered so. */
    answerWith(other: typeof answer) {
      answer = other;
    },
    async fetch(url: string): Promise<Response> {
      fetched.push(url);
      return await answer();
    },
    /** An assertion as Access makes it for Ana, but for what is given. */
    async sign(claims: Claims = {}, key: CryptoKey = privateKey): Promise<string> {
      const issued = Math.floor(NOW / 1000) - 10;
      const payload: JWTPayload = {
        aud: [AUDIENCE],
        email: "ana@acme.example",
        iss: `https://${TEAM}`,
        iat: issued,
        nbf: issued,
        exp: issued + 60,
        type: "app",
        sub: "7335d417-61da-459d-899c-0a01c76a2f94",
        ...claims,
      };
      return await new SignJWT(payload)
        .setProtectedHeader({ alg: "RS256", kid: "key-1", typ: "JWT" })
        .sign(key);
    },
  };
}
