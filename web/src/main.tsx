/** Starts the interface: theme, language, then the pages. */
import './base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { queryClient } from './api/queryClient';
import { followIdentity } from './features/auth';
import { applyTheme } from './features/preferences';
import { preferredLanguage, startI18n } from './i18n';
import { Toasts } from './primitives/Toasts';
import { routes } from './routes';

applyTheme();
await startI18n(preferredLanguage());
followIdentity(queryClient);
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <QueryClientProvider client={queryClient}>
    <RouterProvider router={createBrowserRouter(routes)} />
    <Toasts />
  </QueryClientProvider>,
);
