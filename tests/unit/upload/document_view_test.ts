/** The FileUploadView of the django-storages document: each line of Python is above its TypeScript. */
import { assertEquals } from "@std/assert";
import { S3Storage } from "../../../mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { handleUpload, UploadError } from "../../../src/upload/mod.ts";

const { fetch } = createS3Server({ buckets: ["my-media-bucket"] });

// class MediaStorage(S3Boto3Storage): bucket_name = 'my-media-bucket'
class MediaStorage extends S3Storage {
  static override settings = {
    bucketName: "my-media-bucket",
    accessKey: "testkey",
    secretKey: "testsecret",
    querystringAuth: false,
    fetch,
  };
}

// class FileUploadView(View): def post(self, requests, **kwargs):
async function post(request: Request, user: string): Promise<Response> {
  // media_storage = MediaStorage()
  const mediaStorage = new MediaStorage();
  // file_directory_within_bucket = 'user_upload_files/{username}'.format(username=requests.user)
  const fileDirectoryWithinBucket = `user_upload_files/${user}`;
  let filename = "";
  try {
    // file_obj = requests.FILES.get('file', '')
    const { files } = await handleUpload(mediaStorage, request, {
      maxFiles: 1,
      // do your validation here e.g. file size/type check
      maxFileBytes: 1024 ** 2,
      accept: [".txt", "image/*"],
      // file_path_within_bucket = os.path.join(file_directory_within_bucket, file_obj.name)
      name: ({ originalName }) => `${fileDirectoryWithinBucket}/${filename = originalName}`,
      // if not media_storage.exists(file_path_within_bucket): # avoid overwriting existing file
      //     media_storage.save(file_path_within_bucket, file_obj)
      onExisting: "refuse",
    });
    // file_url = media_storage.url(file_path_within_bucket)
    const fileUrl = await mediaStorage.url(files[0]!.name);
    // return JsonResponse({'message': 'OK', 'fileUrl': file_url})
    return Response.json({ message: "OK", fileUrl });
  } catch (error) {
    if (!(error instanceof UploadError)) throw error;
    if (error.code !== "AlreadyExists") return error.toResponse();
    // 'Error: file {filename} already exists at {file_directory} in bucket {bucket_name}'.format(…)
    const where = `${fileDirectoryWithinBucket} in bucket ${mediaStorage.bucketName}`;
    // return JsonResponse({'message': …}, status=400)
    return Response.json({ message: `Error: file ${filename} already exists at ${where}` }, { status: 400 });
  }
}

async function upload(name: string, content: string, user = "ada"): Promise<[status: number, answer: unknown]> {
  const body = new FormData();
  body.set("file", new File([content], name));
  const response = await post(new Request("https://example.com/upload", { method: "POST", body }), user);
  return [response.status, await response.json()];
}

Deno.test("the FileUploadView of the document works as documented", async () => {
  const fileUrl = "https://my-media-bucket.s3.amazonaws.com/user_upload_files/ada/notes.txt";
  assertEquals(await upload("notes.txt", "first"), [200, { message: "OK", fileUrl }]);
  assertEquals(await upload("notes.txt", "second"), [400, {
    message: "Error: file notes.txt already exists at user_upload_files/ada in bucket my-media-bucket",
  }]);
  assertEquals(await (await new MediaStorage().open("user_upload_files/ada/notes.txt")).read(), "first");
  assertEquals((await upload("notes.txt", "another's", "bob"))[0], 200);
  assertEquals((await upload("page.html", "<html>"))[0], 415);
  assertEquals((await upload("large.txt", "x".repeat(1024 ** 2 + 1)))[0], 413);
  assertEquals((await upload("../bob/notes.txt", "x"))[0], 400);
});

Deno.test("the document's storage classes work: a custom domain, and two storages in one bucket", async () => {
  const server = createS3Server({ buckets: ["my-media-bucket", "my-app-bucket"] });
  const access = { accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };
  const settings = {
    AWS_S3_CUSTOM_DOMAIN: "cdn.example.com",
    AWS_ACCESS_KEY_ID: "testkey",
    AWS_SECRET_ACCESS_KEY: "testsecret",
  };

  class AnyStorage extends S3Storage {
    static override settings = { bucketName: "my-media-bucket" };
  }
  const anywhere = AnyStorage.fromSettings(settings);
  assertEquals(await anywhere.url("a.txt"), "https://cdn.example.com/a.txt"); // by default that of the setting

  class OwnDomainStorage extends S3Storage {
    static override settings = {
      bucketName: "my-media-bucket",
      customDomain: "my-media-bucket.s3.amazonaws.com",
    };
  }
  const own = OwnDomainStorage.fromSettings(settings);
  assertEquals(await own.url("a.txt"), "https://my-media-bucket.s3.amazonaws.com/a.txt");

  class MediaStorage extends S3Storage {
    static override settings = { bucketName: "my-app-bucket", location: "media" };
  }
  class StaticStorage extends S3Storage {
    static override settings = { bucketName: "my-app-bucket", location: "static" };
  }
  const media = new MediaStorage(access);
  const assets = new StaticStorage(access);
  for (const name of ["user_video.mp4", "user_file.pdf"]) await media.save(name, name);
  for (const name of ["app.js", "app.css"]) await assets.save(name, name);
  assertEquals(server.objects("my-app-bucket").map(({ key }) => key), [
    "media/user_file.pdf",
    "media/user_video.mp4",
    "static/app.css",
    "static/app.js",
  ]);
  assertEquals(await media.listdir(), [[], ["user_file.pdf", "user_video.mp4"]]);
  assertEquals(await assets.listdir(), [[], ["app.css", "app.js"]]);
});
