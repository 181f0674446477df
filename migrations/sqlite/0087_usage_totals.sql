-- The last minute with totals, however many without came after it.
CREATE INDEX usage_minutes_with_totals ON usage_minutes (minute) WHERE total_in IS NOT NULL AND total_out IS NOT NULL;
