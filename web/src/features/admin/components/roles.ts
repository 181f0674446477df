/** What somebody may be on the site, those with most rights first. */
export const ROLES = ['admin', 'support', 'auditor', 'user'] as const;
