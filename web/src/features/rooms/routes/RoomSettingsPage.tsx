export function RoomSettingsPage() {
  return null;
}
