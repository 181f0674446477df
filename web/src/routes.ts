/** Every page of the interface and its address. */
import type { RouteObject } from 'react-router';
import { HomePage } from './features/rooms/routes/HomePage';
import { Shell } from './features/site';
import { NotFoundPage } from './features/site/routes/NotFoundPage';
import { Loading } from './primitives/Page';

export const routes: RouteObject[] = [
  {
    HydrateFallback: Loading,
    ErrorBoundary: NotFoundPage,
    children: [
      {
        Component: Shell,
        children: [
          { index: true, Component: HomePage },
          {
            path: 'setup',
            lazy: async () => ({
              Component: (await import('./features/auth/routes/SetupPage')).SetupPage,
            }),
          },
          {
            path: 'sign-in',
            lazy: async () => ({
              Component: (await import('./features/auth/routes/SignInPage')).SignInPage,
            }),
          },
          {
            path: 'sign-up',
            lazy: async () => ({
              Component: (await import('./features/auth/routes/SignUpPage')).SignUpPage,
            }),
          },
          {
            path: 'account',
            lazy: async () => ({
              Component: (await import('./features/account/routes/AccountPage')).AccountPage,
            }),
          },
          {
            path: 'admin/:section?',
            lazy: async () => ({
              Component: (await import('./features/admin/routes/AdminPage')).AdminPage,
            }),
          },
          {
            path: 'connect',
            lazy: async () => ({
              Component: (await import('./features/connectivity/routes/ConnectPage')).ConnectPage,
            }),
          },
          {
            path: ':slug/settings/:section?',
            lazy: async () => ({
              Component: (await import('./features/rooms/routes/RoomSettingsPage'))
                .RoomSettingsPage,
            }),
          },
        ],
      },
      {
        path: ':slug',
        lazy: async () => ({
          Component: (await import('./features/call/routes/CallPage')).CallPage,
        }),
      },
    ],
  },
];
