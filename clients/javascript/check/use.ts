// A program that uses the declared types: `npm run check` compiles it.

import { Client, VersionConflict, verifyBounce, verifyWebhook } from "../types/index.js";
import type { Contribution, SavingGoal } from "../types/index.js";

export async function use(client: Client): Promise<string | null> {
  const goal: SavingGoal = await client.createGoal({
    externalItemId: "bike-7",
    name: "A bicycle",
    goalAmount: "250.00",
    paymentProviders: [{ providerName: "PayPal", credentials: "anna@example.org" }],
  });
  const gift: Contribution = await client.createContribution(goal.id, { amount: "20.00", contributor: "Bob" }, { idempotencyKey: "1" });
  for await (const event of client.events({ after: "latest" })) {
    const status: string | undefined = event.contribution?.status;
    if (status === "Settled") break;
  }
  try {
    await client.replaceGoal({ ...goal, name: "A red bicycle" });
  } catch (error) {
    if (error instanceof VersionConflict) return String(error.currentVersion);
    throw error;
  }
  // @ts-expect-error a goal needs a name
  await client.createGoal({ externalItemId: "x", goalAmount: "1", paymentProviders: [] });
  // @ts-expect-error an amount is no boolean
  await client.refund(gift.id, { amount: true });
  const bounce: { contributionId: string; status: string; time: number } = verifyBounce("secret", "?Id=x");
  return verifyWebhook(["whsec_x"], new Headers(), new Uint8Array()).id + bounce.status;
}
