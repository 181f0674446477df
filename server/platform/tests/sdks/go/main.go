// LiveKit's Go SDK (unmodified) uses a site as its LiveKit server: LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET say
// which. It ends with 0 where everything went as it does with livekit-server.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const room = "go-hall"

var (
	url    = os.Getenv("LIVEKIT_URL")
	key    = os.Getenv("LIVEKIT_API_KEY")
	secret = os.Getenv("LIVEKIT_API_SECRET")
)

func token(identity string) (string, error) {
	grant := &auth.VideoGrant{RoomJoin: true, Room: room}
	return auth.NewAccessToken(key, secret).SetIdentity(identity).SetVideoGrant(grant).SetValidFor(time.Minute).ToJWT()
}

func join(identity string, callback *lksdk.RoomCallback) (*lksdk.Room, error) {
	signed, err := token(identity)
	if err != nil {
		return nil, err
	}
	return lksdk.ConnectToRoomWithToken(url, signed, callback)
}

// The rooms service, two participants, and a packet from one to the other.
func roundTrip(ctx context.Context) error {
	rooms := lksdk.NewRoomServiceClient(url, key, secret)
	made, err := rooms.CreateRoom(ctx, &livekit.CreateRoomRequest{Name: room, Metadata: "from Go"})
	if err != nil || !strings.HasPrefix(made.Sid, "RM_") {
		return fmt.Errorf("CreateRoom: %v %w", made, err)
	}
	heard := make(chan string, 1)
	hears := lksdk.NewRoomCallback()
	hears.OnDataPacket = func(data lksdk.DataPacket, _ lksdk.DataReceiveParams) {
		if packet, ok := data.(*lksdk.UserDataPacket); ok {
			heard <- string(packet.Payload)
		}
	}
	ana, err := join("ana", hears)
	if err != nil {
		return fmt.Errorf("ana does not come in: %w", err)
	}
	defer ana.Disconnect()
	ben, err := join("ben", lksdk.NewRoomCallback())
	if err != nil {
		return fmt.Errorf("ben does not come in: %w", err)
	}
	defer ben.Disconnect()
	if ana.Metadata() != "from Go" {
		return fmt.Errorf("the room's metadata is %q", ana.Metadata())
	}
	listed, err := rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: room})
	if err != nil || len(listed.Participants) != 2 {
		return fmt.Errorf("ListParticipants: %v %w", listed, err)
	}
	packet := lksdk.UserData([]byte("hello"))
	if err := ben.LocalParticipant.PublishDataPacket(packet, lksdk.WithDataPublishReliable(true)); err != nil {
		return fmt.Errorf("ben sends nothing: %w", err)
	}
	select {
	case said := <-heard:
		if said != "hello" {
			return fmt.Errorf("ana heard %q", said)
		}
	case <-ctx.Done():
		return errors.New("ana heard nothing")
	}
	named := &livekit.UpdateParticipantRequest{Room: room, Identity: "ben", Name: "Ben"}
	if _, err := rooms.UpdateParticipant(ctx, named); err != nil {
		return fmt.Errorf("UpdateParticipant: %w", err)
	}
	out := &livekit.RoomParticipantIdentity{Room: room, Identity: "ben"}
	if _, err := rooms.RemoveParticipant(ctx, out); err != nil {
		return fmt.Errorf("RemoveParticipant: %w", err)
	}
	if _, err := rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: room}); err != nil {
		return fmt.Errorf("DeleteRoom: %w", err)
	}
	left, err := rooms.ListRooms(ctx, &livekit.ListRoomsRequest{Names: []string{room}})
	if err != nil || len(left.Rooms) != 0 {
		return fmt.Errorf("ListRooms: %v %w", left, err)
	}
	return nil
}

// What the key does not allow, and what it does beside rooms.
func edges(ctx context.Context) error {
	ingress := lksdk.NewIngressClient(url, key, secret)
	wish := &livekit.CreateIngressRequest{
		InputType: livekit.IngressInput_WHIP_INPUT, Name: "go", RoomName: room, ParticipantIdentity: "stage",
	}
	made, err := ingress.CreateIngress(ctx, wish)
	if err != nil || made.StreamKey == "" {
		return fmt.Errorf("CreateIngress: %v %w", made, err)
	}
	if _, err := ingress.DeleteIngress(ctx, &livekit.DeleteIngressRequest{IngressId: made.IngressId}); err != nil {
		return fmt.Errorf("DeleteIngress: %w", err)
	}
	egress := lksdk.NewEgressClient(url, key, secret)
	if _, err := egress.ListEgress(ctx, &livekit.ListEgressRequest{}); err != nil {
		return fmt.Errorf("ListEgress: %w", err)
	}
	sip := lksdk.NewSIPClient(url, key, secret)
	if _, err := sip.ListSIPInboundTrunk(ctx, &livekit.ListSIPInboundTrunkRequest{}); err == nil {
		return errors.New("a key without SIP lists trunks")
	}
	stranger := lksdk.NewRoomServiceClient(url, key, "another-secret-of-thirty-two-bytes!!")
	if _, err := stranger.ListRooms(ctx, &livekit.ListRoomsRequest{}); err == nil {
		return errors.New("a wrong secret is believed")
	}
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := errors.Join(roundTrip(ctx), edges(ctx)); err != nil {
		log.Fatal(err)
	}
	fmt.Println("go: ok")
}
