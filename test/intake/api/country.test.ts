import codes from "i18n-iso-countries/codes.json" with { type: "json" };
import { describe, expect, it } from "vitest";
import { findCountryCode } from "../../../src/intake/draft/values.ts";

describe("the code of a country", () => {
  it.each([
    [
      "DE",
      [
        "de",
        "DE",
        "DEU",
        "Deutschland",
        "Germany",
        "Allemagne",
        "Alemania",
        "Germania",
        "Duitsland",
        "Alemanha",
        " GERMANY ",
      ],
    ],
    [
      "GB",
      [
        "GB",
        "UK",
        "U.K.",
        "United Kingdom",
        "Great Britain",
        "England",
        "Großbritannien",
        "Royaume-Uni",
      ],
    ],
    [
      "US",
      ["US", "USA", "U.S.A.", "United States", "united states of america", "Etats-Unis", "EE.UU."],
    ],
    ["CH", ["Schweiz", "Suisse", "Svizzera", "Switzerland"]],
    ["AT", ["Österreich", "Osterreich", "Autriche"]],
    ["CI", ["Côte d'Ivoire", "Cote d’Ivoire", "Ivory Coast"]],
    ["ES", ["España", "espana"]],
  ])("is %s", (code, spellings) => {
    expect(spellings.map(findCountryCode)).toEqual(spellings.map(() => code));
  });

  it("is known for every code of the standard, by alpha-2 and alpha-3", () => {
    expect(codes.map(([alpha2 = ""]) => findCountryCode(alpha2))).toEqual(
      codes.map(([alpha2]) => alpha2),
    );
    expect(codes.map(([, alpha3 = ""]) => findCountryCode(alpha3))).toEqual(
      codes.map(([alpha2]) => alpha2),
    );
  });

  it("is null for what is no country", () => {
    const others = ["", "  ", "XX", "ZZZ", "Neverland", "constructor", "49", "—"];
    expect(others.map(findCountryCode)).toEqual(others.map(() => null));
  });
});
