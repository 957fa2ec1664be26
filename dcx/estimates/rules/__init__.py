"""Pure rules of estimates: what is asked, what it uses, what it costs."""
