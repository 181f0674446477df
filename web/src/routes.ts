/** Every page of the interface and its address. */
import { type LoaderFunctionArgs, type RouteObject, redirect } from 'react-router';
import { HomePage } from './features/rooms/routes/HomePage';
import { FirstLoad, Shell } from './features/site';
import { NotFoundPage } from './features/site/routes/NotFoundPage';
import { Loading } from './primitives/Page';

/** Some programs write links in capitals: a room's link has none. */
function inSmallLetters({ params, request }: LoaderFunctionArgs): Response | null {
  const { slug = '' } = params;
  const small = slug.toLowerCase();
  if (small === slug) return null;
  const { pathname, search } = new URL(request.url);
  return redirect(pathname.replace(slug, small) + search);
}

export const routes: RouteObject[] = [
  {
    Component: FirstLoad,
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
            path: 'reset-password',
            lazy: async () => ({
              Component: (await import('./features/auth/routes/ResetPasswordPage'))
                .ResetPasswordPage,
            }),
          },
          {
            path: 'account',
            lazy: async () => ({
              Component: (await import('./features/account/routes/AccountPage')).AccountPage,
            }),
          },
          {
            lazy: async () => ({
              Component: (await import('./features/admin/routes/AdminFrame')).AdminFrame,
            }),
            children: [
              { path: 'admin', loader: () => redirect('/admin/overview') },
              {
                path: 'admin/live/:name',
                lazy: async () => ({
                  Component: (await import('./features/live/routes/LiveRoomPage')).LiveRoomPage,
                }),
              },
              {
                path: 'admin/users/:id',
                lazy: async () => ({
                  Component: (await import('./features/admin/routes/UserPage')).UserPage,
                }),
              },
              {
                path: 'admin/meetings/:id',
                lazy: async () => ({
                  Component: (await import('./features/admin/routes/MeetingPage')).MeetingPage,
                }),
              },
              {
                path: 'admin/:section',
                lazy: async () => ({
                  Component: (await import('./features/admin/routes/AdminPage')).AdminPage,
                }),
              },
            ],
          },
          {
            path: 'recordings',
            lazy: async () => ({
              Component: (await import('./features/recordings/routes/RecordingsPage'))
                .RecordingsPage,
            }),
          },
          {
            path: 'recordings/:id',
            lazy: async () => ({
              Component: (await import('./features/recordings/routes/RecordingPage')).RecordingPage,
            }),
          },
          {
            path: 'r/:token',
            lazy: async () => ({
              Component: (await import('./features/recordings/routes/SharedRecordingPage'))
                .SharedRecordingPage,
            }),
          },
          {
            path: 'd/:token',
            lazy: async () => ({
              Component: (await import('./features/doctor/routes/DoctorPage')).DoctorPage,
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
            loader: inSmallLetters,
            lazy: async () => ({
              Component: (await import('./features/rooms/routes/RoomSettingsPage'))
                .RoomSettingsPage,
            }),
          },
        ],
      },
      {
        path: 'connect/token',
        lazy: async () => ({
          Component: (await import('./features/call/routes/TokenCallPage')).TokenCallPage,
        }),
      },
      {
        path: ':slug',
        loader: inSmallLetters,
        lazy: async () => ({
          Component: (await import('./features/call/routes/CallPage')).CallPage,
        }),
      },
    ],
  },
];
