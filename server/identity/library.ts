import { betterAuth } from "better-auth";
import { twoFactor, username } from "better-auth/plugins";
import type { Database } from "../ports/index.ts";
import { poolOver } from "./library-pool.ts";

/** One shift: then people sign in again. */
export const SESSION_SECONDS = 12 * 3600;
export const PASSWORD_CHARS_MIN = 10;
export const PASSWORD_CHARS_MAX = 128;
export const USER_NAME_CHARS_MAX = 64;
const SECOND_FACTOR_WAIT_SECONDS = 600;
/** The network address of the caller, told to the library by us alone. */
export const ADDRESS_HEADER = "x-mingjian-caller";

export interface LibraryMeans {
  readonly database: Database;
  readonly secret: string;
  readonly secure: boolean;
  readonly newId: () => string;
}

/** The columns of migration 2 for the library's names. */
const ACCOUNT = {
  modelName: "accounts",
  fields: {
    accountId: "account_id",
    providerId: "provider_id",
    userId: "user_id",
    accessToken: "access_token",
    refreshToken: "refresh_token",
    idToken: "id_token",
    accessTokenExpiresAt: "access_token_expires_at",
    refreshTokenExpiresAt: "refresh_token_expires_at",
    createdAt: "created_at",
    updatedAt: "updated_at",
  },
} as const;

/** better-auth over the tables of migration 2: password hashes, sessions, signed cookies, TOTP with backup codes. */
export function createLibrary({ database, secret, secure, newId }: LibraryMeans) {
  return betterAuth({
    appName: "Mingjian",
    baseURL: "http://mingjian.invalid",
    secret,
    database: poolOver(database) as never,
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: PASSWORD_CHARS_MIN, maxPasswordLength: PASSWORD_CHARS_MAX },
    user: { modelName: "users", fields: { emailVerified: "email_verified", createdAt: "created_at", updatedAt: "updated_at" } },
    session: {
      modelName: "sessions",
      expiresIn: SESSION_SECONDS,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      fields: {
        userId: "user_id",
        expiresAt: "expires_at",
        ipAddress: "ip_address",
        userAgent: "user_agent",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
    },
    account: ACCOUNT,
    verification: { modelName: "verifications", fields: { expiresAt: "expires_at", createdAt: "created_at", updatedAt: "updated_at" } },
    advanced: {
      cookiePrefix: "mingjian",
      useSecureCookies: secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: "strict", secure, path: "/" },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: { generateId: newId },
    },
    plugins: [
      username({
        minUsernameLength: 1,
        maxUsernameLength: USER_NAME_CHARS_MAX,
        usernameValidator: () => true,
        usernameNormalization: (name) => name.normalize("NFC").toLowerCase(),
        schema: { user: { fields: { displayUsername: "display_username" } } },
      }),
      twoFactor({
        issuer: "Mingjian",
        twoFactorCookieMaxAge: SECOND_FACTOR_WAIT_SECONDS,
        // Ours counts failures for password and code together.
        accountLockout: { enabled: false },
        schema: {
          user: { fields: { twoFactorEnabled: "two_factor_enabled" } },
          twoFactor: {
            modelName: "second_factors",
            fields: { userId: "user_id", backupCodes: "backup_codes", failedVerificationCount: "failed_verification_count", lockedUntil: "locked_until" },
          },
        },
      }),
    ],
  });
}

export type Library = ReturnType<typeof createLibrary>;
