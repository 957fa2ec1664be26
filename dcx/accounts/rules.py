"""Pure rules of accounts: what a key, an e-mail and a password look like, and who may do what."""

import re
from collections.abc import Iterable
from string import ascii_lowercase, digits

STAFF_ROLES = ("admin", "billing", "support")
CUSTOMER_ROLES = ("owner", "viewer")
BILLINGS = ("invoice", "prepaid")
SCOPE_WORDS = {
    "metering:write": "send logs",
    "metering:read": "read usage and runs",
    "estimates": "price what is not ordered yet",
    "billing:read": "read invoices",
    "wallet:read": "read balance and entries",
    "payments:write": "begin payments",
    "network:read": "read subnets and addresses",
    "network:write": "take and release addresses",
    "vms:read": "list machines",
    "vms:write": "order and change machines",
    "deployments:write": "hand in releases",
}
SCOPES = tuple(SCOPE_WORDS)
PROVIDER_SCOPES = frozenset({"metering:write", "deployments:write"})
"""Scopes that only the provider's own keys can have."""
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1_000
_COMMON = (
    "administrator", "admin", "user", "root", "guest", "test", "demo", "password", "passwort",
    "passwd", "pass", "secret", "changeme", "welcome", "letmein", "login", "iloveyou", "iloveu",
    "qwertyuiop", "qwerty", "azerty", "qwertz", "asdfghjkl", "asdf", "zxcvbnm", "zxcv", "qazwsx",
    "abcdef", "abc", "monkey", "dragon", "football", "baseball", "superman", "batman", "sunshine",
    "princess", "shadow", "master", "michael", "hello", "starwars", "trustno", "whatever",
    "freedom", "default", "server", "cloud", "billing", "invoice", "dcx", "summer", "winter",
    "spring", "autumn", "january", "february", "march", "april", "june", "july", "august",
    "september", "october", "november", "december", "monday", "friday", "my", "the", "is", "this",
    "1q2w3e4r5t6y", "1q2w3e4r", "1qaz2wsx3edc", "1qaz2wsx", "1qaz", "2wsx", "3edc", "zaq1",
)  # fmt: skip
"""Words that guessers try first."""
_LEET = str.maketrans("013457@$!", "oleastasi")
_LEAST_LEFT = 6
_AFTERTHOUGHT = re.compile(r"[\W\d_]{1,6}$")
"""What is hung onto a word to make it count as a password: 1, 2026!"""
_RUNS = tuple(run[::way] for run in (ascii_lowercase * 40, digits * 100) for way in (1, -1))
MINUTE_US = 60_000_000
IDLE_US = 12 * 60 * MINUTE_US
ABSOLUTE_US = 7 * 24 * 60 * MINUTE_US
RESET_US = 30 * MINUTE_US
INVITATION_US = 7 * 24 * 60 * MINUTE_US
PUBLIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
    "icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net",
    "mail.com", "yandex.com", "zoho.com", "mweb.co.za", "webmail.co.za", "vodamail.co.za",
    "telkomsa.net",
})  # fmt: skip
"""Anybody can have an e-mail there: it says nothing about where somebody works."""
_KEY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,99}$")
_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$")
_DOMAIN = re.compile(r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def key_fault(key: str) -> str | None:
    if _KEY.match(key):
        return None
    signs = "letters, digits or . _ : @ + -, the first a letter or digit"
    return f"The key {key!r} must be 1 to 100 {signs}."


def email_fault(email: str) -> str | None:
    is_fine = len(email) <= 254 and _EMAIL.match(email)  # noqa: PLR2004 - RFC 5321, 4.5.3.1.3
    return None if is_fine else f"{email!r} is not an e-mail address."


def domain_fault(domain: str) -> str | None:
    """Why people of an e-mail domain cannot be let in together; None: they can."""
    if not _DOMAIN.match(domain):
        return f"{domain!r} is not a domain, for example karoo.co.za."
    if domain in PUBLIC_DOMAINS:
        return f"Anybody can have an address at {domain}. Invite people one by one."
    return None


def password_fault(password: str, about: Iterable[str] = ()) -> str | None:
    """Why a password is too weak; None: it will do. `about` are words that anybody can know of the
    person, as their e-mail and name.
    """
    if len(password) < SHORTEST_PASSWORD:
        return f"A password needs at least {SHORTEST_PASSWORD} characters."
    if len(password) > LONGEST_PASSWORD:
        return f"A password has at most {LONGEST_PASSWORD} characters."
    if len(set(password)) <= 3 or _is_guessed_early(password, about):  # noqa: PLR2004
        return "This password is among the first that are guessed. Put a few other words together."
    return None


def _is_guessed_early(password: str, about: Iterable[str]) -> bool:
    """Is hardly anything left once common words, what is known of the person, runs like 1234 and
    repetition are taken out?
    """
    own = {part for words in about for part in re.findall(r"[^\W\d_]{3,}", words.lower())}
    plain = password.lower()
    word = _AFTERTHOUGHT.sub("", plain).translate(_LEET)
    return any(_left(text, own) < _LEAST_LEFT for text in (plain, word))


def _left(text: str, own: set[str]) -> int:
    """How much there is to guess in a text: nothing in the person's own words, two signs in each
    common one, and what is in no word by its length; each part once, and without what it repeats.
    """
    found = 0
    for word in sorted(own.union(_COMMON), key=len, reverse=True):
        found += 2 * (word in text and word not in own)
        text = text.replace(word, " ")
    return found + sum(
        (part * 2).find(part, 1)
        for part in set(text.split())
        if not _AFTERTHOUGHT.fullmatch(part) and not any(part in run for run in _RUNS)
    )


def is_own_path(address: str) -> bool:
    """Is this a path of ours, safe to go to after signing in?"""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return is_path and "\\" not in address and all(character.isprintable() for character in address)


def role_by_groups(
    groups: Iterable[str], *, admin: str, billing: str, staff: str, by_hand: str | None
) -> str | None:
    """The staff role of somebody with these groups at their provider; None: they are no staff.

    `by_hand` is the role that an admin gave them: it stands as long as they are in any of the
    groups. Groups that are not set ("") hold nobody.
    """
    held = set(groups)
    by_group = (
        "admin" if admin and admin in held
        else "billing" if billing and billing in held
        else "support" if staff and staff in held
        else None
    )  # fmt: skip
    return (by_hand or by_group) if by_group else None


def device_words(agent: str) -> str:
    """A browser as people call it: Firefox on Windows."""
    browser = next((words for mark, words in _BROWSERS if mark in agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Another program"
