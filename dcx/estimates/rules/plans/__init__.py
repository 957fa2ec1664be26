"""What the resources of a Terraform plan are, as lines of an estimate. Deaf to secrets."""
