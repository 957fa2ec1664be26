"""What PayGate answers instead of doing what it was asked."""

WORDS = {
    "CNTRY_INVALID": "The country is invalid.",
    "DATA_AMT_NUM": "The amount is not a number.",
    "DATA_AMT_ZERO": "The amount is zero.",
    "DATA_CHK": "The checksum is wrong.",
    "DATA_CREF": "There is no reference.",
    "DATA_DTTM": "The transaction date is invalid.",
    "DATA_INS": "The record could not be created.",
    "DATA_PAY_REQ_ID": "The pay request id is missing or unknown.",
    "DATA_PM": "The pay method is invalid.",
    "DATA_PW": "Required fields are missing.",
    "DATA_REGION": "There is no country or locale.",
    "DATA_URL": "There is no return address.",
    "INVALID_VAULT": "VAULT is invalid.",
    "INVALID_VAULT_ID": "VAULT_ID is invalid.",
    "INV_EMAIL": "The e-mail address is invalid.",
    "LOCALE_INVALID": "The locale is invalid.",
    "ND_INV_PGID": "The PayGate id is invalid.",
    "ND_INV_PRID": "The pay request id is invalid.",
    "NOT_LIVE_PM": "No payment method is available.",
    "NO_TRANS_DATA": "There is no such transaction.",
    "PAYVAULT_NOT_EN": "PayVault is not enabled.",
    "PGID_NOT_EN": "The PayGate id is disabled, or does not take this currency.",
    "TXN_CAN": "This payment was cancelled.",
    "TXN_CMP": "This payment is complete.",
    "TXN_PRC": "This payment is older than 30 minutes.",
    "VAULT_NOT_ACCEPTED": "No card of this payment can be kept.",
}
"""Every error code, and its meaning."""


class RefusedError(Exception):
    """An `ERROR=` of PayWeb3. `code` is one of WORDS."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: {WORDS[code]}")
        self.code = code

    @property
    def words(self) -> str:
        return WORDS[self.code]
