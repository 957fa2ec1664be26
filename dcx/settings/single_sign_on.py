"""The settings of one provider of single sign-on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """One OpenID provider: where it is, who we are there, and its quirks."""

    slug: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    groups_claim: str
    staff_group: str
    admin_group: str
    billing_group: str
    trusts_email: bool

    @classmethod
    def read(cls, environment: Mapping[str, str], number: int) -> Self | None:
        """The provider of that number, if its issuer is set; a second one's settings have OIDC_2
        where the first one's have OIDC, and so on.
        """

        def of(name: str, default: str = "") -> str:
            own = name if number == 1 else name.replace("OIDC_", f"OIDC_{number}_")
            return environment.get(own, default).strip()

        issuer = of("DCX_OIDC_ISSUER").rstrip("/")
        if not issuer:
            return None
        return cls(
            slug=str(number),
            name=of("DCX_OIDC_NAME", "single sign-on"),
            issuer=issuer,
            client_id=of("DCX_OIDC_CLIENT_ID"),
            client_secret=of("DCX_OIDC_CLIENT_SECRET"),
            scopes=of("DCX_OIDC_SCOPES", "openid email profile groups"),
            groups_claim=of("DCX_OIDC_GROUPS_CLAIM", "groups"),
            staff_group=of("DCX_OIDC_STAFF_GROUP"),
            admin_group=of("DCX_OIDC_ADMIN_GROUP"),
            billing_group=of("DCX_OIDC_BILLING_GROUP"),
            trusts_email=of("DCX_OIDC_TRUSTS_EMAIL", "off") == "on",
        )

    def faults(self, *, is_production: bool) -> list[str]:
        """What is missing to speak to this provider, one sentence each."""
        beside = f"beside the issuer {self.issuer}"
        checks = [
            (self.client_id, f"DCX_OIDC_CLIENT_ID must be set {beside}."),
            (self.client_secret, f"DCX_OIDC_CLIENT_SECRET must be set {beside}."),
            ("openid" in self.scopes.split(), f"DCX_OIDC_SCOPES must have openid {beside}."),
            (
                self.issuer.startswith("https://") or not is_production,
                f"DCX_OIDC_ISSUER must begin with https://, not {self.issuer}.",
            ),
        ]
        return [sentence for holds, sentence in checks if not holds]
