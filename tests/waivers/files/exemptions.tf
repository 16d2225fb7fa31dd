# The diagnostics pipeline moves in March.
module "diagnostics" {
  source               = "../modules/exemption"
  display_name         = "Exempted while moving"
  scope                = data.azurerm_subscription.current.id
  policy_assignment_id = module.diagnostics.id
  exemption_category   = "Waiver"
  expires_on           = "2027-08-25"
}

resource "azurerm_resource_group_policy_exemption" "erp" {
  name                 = "erp"
  resource_group_id    = azurerm_resource_group.erp.id
  policy_assignment_id = "/assignments/tls"
  description          = "The vendor's connector knows no newer TLS"
}

resource "azurerm_resource_group" "erp" {
  name = "erp"
}
