"""What a password must be."""

import pytest

from dcx.accounts.rules import password_fault

ALICE = ("alice@karoo.example", "Alice Ndlovu")


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "P@ssw0rd1234", "passwordpassword", "Password-123!", "administrator",
        "qwertyuiop123", "1q2w3e4r5t6y", "1qaz2wsx3edc", "zxcvbnm12345", "123456789012",
        "098765432109", "abcdefghijkl", "abc123abc123", "aaaabbbbcccc", "iloveyou1234",
        "letmein123456", "welcome2024!", "November2026!", "changeme1234", "alice.karoo.example",
        "Ndlovu-alice-1", "KarooKaroo2026", "P4ssw0rd-2026!",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    fault = password_fault(password, ALICE)

    assert fault
    assert "first that are guessed" in fault


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery", "another battery staple", "kX9#mQ2$vL7p", "73920184736251",
        "drie sapper skape", "ένα δύο τρία τέσσερα", "the monkey reads invoices",
        "the demo of the tests",
    ],
)  # fmt: skip
def test_any_other_password_of_twelve_signs_will_do(password: str) -> None:
    assert password_fault(password, ALICE) is None


@pytest.mark.parametrize(("length", "fits"), [(11, False), (12, True), (1000, True), (1001, False)])
def test_a_password_has_twelve_to_a_thousand_signs(length: int, *, fits: bool) -> None:
    password = "".join(chr(0x4E00 + place) for place in range(length))

    assert (password_fault(password) is None) is fits
