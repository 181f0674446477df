// The environment of a MatrixRTC service under test: no LiveKit, and homeservers on loopback with certificates of their own.

/** `convoke matrix-jwt` takes it, and so does lk-jwt-service. */
export const matrixJwtEnvironment = (port: number) => ({
  LIVEKIT_URL: 'ws://127.0.0.1:9',
  LIVEKIT_KEY: 'devkey',
  LIVEKIT_SECRET: 'a-secret-of-at-least-thirty-two-bytes',
  LIVEKIT_JWT_BIND: `127.0.0.1:${port}`,
  LIVEKIT_FULL_ACCESS_HOMESERVERS: 'example.org',
  LIVEKIT_INSECURE_SKIP_VERIFY_TLS: 'YES_I_KNOW_WHAT_I_AM_DOING',
  LIVEKIT_LOG_LEVEL: 'warn',
});
