"""The ticket dispenser: menu, spool, slip and printer; one MQTT client."""
