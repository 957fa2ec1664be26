"""Mails: rows written in the transaction of what they tell of, sent afterwards by a job."""
