/** What became of a join token: `banned`, `account_disabled`, `token_withdrawn`…, or null while it is good. */
export async function tokenStanding(token: string, signal: AbortSignal): Promise<string | null> {
  const response = await fetch('/rtc/validate', {
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  if (response.status !== 403) return null;
  const { code } = (await response.json()) as { code?: string };
  return code ?? null;
}
