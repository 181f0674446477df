/** Where a film plays, and where films are had as files. */
export const mediaUrl = (id: string) => `/api/recordings/${id}/media`;

/** A first version, while the film is made. */
export const previewUrl = (id: string) => `/api/recordings/${id}/preview`;

export const posterUrl = (id: string) => `/api/recordings/${id}/poster`;

export const tracksUrl = (id: string) => `/api/recordings/${id}/tracks`;

export const downloadUrl = (ids: string[]) =>
  ids.length === 1 && ids[0]
    ? `${mediaUrl(ids[0])}?download=1`
    : `/api/recordings/download?ids=${ids.join(',')}`;
