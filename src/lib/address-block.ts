/** What one customer of a network has to itself: an IPv4 address, or the 64 bits before the rest of an IPv6 address. */
export function addressBlock(address: string): string {
  if (!address.includes(":")) return address;
  const [before = "", after = ""] = address.split("::");
  const groups = before.split(":").filter((group) => group !== "");
  const rest = after.split(":").filter((group) => group !== "");
  while (address.includes("::") && groups.length + rest.length < 8) groups.push("0");
  return [...groups, ...rest].slice(0, 4).join(":");
}
