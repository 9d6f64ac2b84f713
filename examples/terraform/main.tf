# Creates a flow log, and is done when it is Active. Needs the command on the PATH and AWS credentials.
# The provider's own loop around ActiveFlowLog is left out: `status` is not set here.

variable "stage" {
  description = "The deployed stack flow-log-activator-<stage>."
  type        = string
}

variable "flow_log" {
  description = "What to log, as the provider wants it."
  type = object({
    resource_id      = string
    log_project_name = string
    log_topic_name   = string
  })
}

resource "volcengine_flow_log" "this" {
  flow_log_name        = "activated"
  resource_type        = "vpc"
  resource_id          = var.flow_log.resource_id
  traffic_type         = "All"
  log_project_name     = var.flow_log.log_project_name
  log_topic_name       = var.flow_log.log_topic_name
  aggregation_interval = 10
}

# Runs once for each flow log. If it fails, the next `terraform apply` runs it again.
resource "terraform_data" "active" {
  triggers_replace = volcengine_flow_log.this.id

  provisioner "local-exec" {
    command = "flow-log-activator activate \"$FLOW_LOG_ID\" --wait 30m --metadata source=terraform"
    environment = {
      FLOW_LOG_ID              = volcengine_flow_log.this.id
      FLOW_LOG_ACTIVATOR_STAGE = var.stage
    }
  }
}
