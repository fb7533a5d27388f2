import * as ec2 from "@aws-sdk/client-ec2";
import { type Clients, type Inputs, type State, tagList, tagsGone } from "./handlers";

/** Tags of something that is being created. */
export const tagsOf = (ResourceType: ec2.ResourceType, tags: Record<string, string>) => [
    { ResourceType, Tags: tagList(tags) },
];

/** Brings the tags of what exists to other ones. */
export async function retag({ ec2: client }: Clients, id: string, inputs: Inputs, old: State): Promise<void> {
    const gone = tagsGone(old, inputs).map((Key) => ({ Key }));
    if (gone.length > 0) {
        await client.send(new ec2.DeleteTagsCommand({ Resources: [id], Tags: gone }));
    }
    await client.send(new ec2.CreateTagsCommand({ Resources: [id], Tags: tagList(inputs.tags) }));
}
