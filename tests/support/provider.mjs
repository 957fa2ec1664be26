// A provider of single sign-on for tests and for trying it by hand: any name and any password sign in.
// Takes, as JSON in argv[2]: port, app (address of DCX), clients, users ({name: claims}), logouts (log file or none).
import { Provider } from "oidc-provider";

const { port, app, users } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: "dcx",
    client_secret: "only-for-tests-and-trying-it-by-hand", // pragma: allowlist secret
    redirect_uris: [`${app}/auth/callback`],
    post_logout_redirect_uris: [`${app}/auth/bye`],
    backchannel_logout_uri: `${app}/auth/backchannel-logout`,
    backchannel_logout_session_required: true,
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  pkce: { required: () => true },
  claims: {
    openid: ["sub", "sid"],
    email: ["email", "email_verified"],
    profile: ["name"],
    groups: ["groups"],
  },
  scopes: ["openid", "email", "profile", "groups"],
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    userinfo: { enabled: true },
  },
  // Its own fetch refuses loopback addresses; here everything is on loopback.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  cookies: { keys: ["only-for-tests"] },
  ttl: { Session: 3600, Grant: 3600, Interaction: 3600, AccessToken: 600, IdToken: 600 },
  async findAccount(_, id) {
    const known = users[id] ?? { name: id, email: `${id}@elsewhere.example`, email_verified: true };
    return { accountId: id, claims: async () => ({ sub: id, ...known }) };
  },
});
provider.listen(port, "127.0.0.1", () => console.log(`ready ${issuer}`));
