"""Pure decisions of metering: what a row says, how logs fold into segments."""
