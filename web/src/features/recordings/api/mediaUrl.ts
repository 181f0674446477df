/** Where a film plays, and where it is had as a file. */
export const mediaUrl = (id: string) => `/api/recordings/${id}/media`;

export const downloadUrl = (id: string) => `${mediaUrl(id)}?download=1`;
