/** What Volcengine's support finds our calls by. Not signed. The version is that of package.json. */
export const USER_AGENT = 'flow-log-activator/0.4.0';
