/** Lets Volcengine's support find our calls. Not signed. The version is that of package.json. */
export const USER_AGENT = 'flow-log-activator/0.7.0';
