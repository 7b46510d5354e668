using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace Fury.Host;

/// <summary>
/// Serves the web interface from the folder <c>web</c> beside the host (setting <c>Fury:Web:Folder</c>): files by their names, and its one page for every
/// address that a browser opens and that is none of the API's. Open to everybody: it holds no data. Without the folder <c>/</c> says how it is built.
/// </summary>
internal sealed class WebFiles(RequestDelegate next, IConfiguration settings)
{
    private const string Page = "index.html";

    private static readonly string[] NotPages = ["/api", "/auth", "/cluster-api", "/openapi", "/metrics", "/healthz"];

    private readonly FileExtensionContentTypeProvider _types = new();
    private readonly PhysicalFileProvider? _files = Open(settings["Fury:Web:Folder"] ?? Path.Combine(AppContext.BaseDirectory, "web"));

    public async Task Invoke(HttpContext context)
    {
        var (path, method) = (context.Request.Path, context.Request.Method);
        if (!(HttpMethods.IsGet(method) || HttpMethods.IsHead(method)) || NotPages.Any(prefix => path.StartsWithSegments(prefix)))
        {
            await next(context);
        }
        else if (_files is null || !_files.GetFileInfo(Page).Exists)
        {
            await (path == "/" ? SayHow(context) : next(context));
        }
        else if (path.HasValue && path != "/" && _files.GetFileInfo(path.Value) is { Exists: true, IsDirectory: false } file)
        {
            await Send(context, _files, file, path.Value);
        }
        else if (path == "/" || (IsPage(context.Request) && !Path.HasExtension(path.Value)))
        {
            await Send(context, _files, _files.GetFileInfo(Page), Page);
        }
        else
        {
            await next(context);
        }
    }

    private static PhysicalFileProvider? Open(string folder) => Directory.Exists(folder) ? new(Path.GetFullPath(folder)) : null;

    /// <summary>A browser that opens an address asks for HTML by name; programs do not.</summary>
    private static bool IsPage(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    private static Task SayHow(HttpContext context)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            "Fury runs, and its web interface is not built here. Install Node.js with npm, and start it by './dev up', which builds it.\n"
            + "The API is at /api/v1, its description at /openapi/v1.json.\n",
            context.RequestAborted);
    }

    private async Task Send(HttpContext context, PhysicalFileProvider files, IFileInfo file, string name)
    {
        var (response, headers) = (context.Response, context.Response.GetTypedHeaders());
        var isHashed = name.StartsWith("/assets/", StringComparison.Ordinal);
        response.ContentType = _types.TryGetContentType(name, out var type) ? type : "application/octet-stream";

        // The name of an asset has a hash of its content in it; all other names stay.
        headers.CacheControl = isHashed
            ? new() { Public = true, MaxAge = TimeSpan.FromDays(365), Extensions = { new("immutable") } }
            : new() { NoCache = true };
        headers.ETag = new($"\"{file.LastModified.UtcTicks:x}-{file.Length:x}\"");
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Compare(headers.ETag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (files.GetFileInfo(name + ".br") is { Exists: true } packed
            && context.Request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value == "br" && coding.Quality is not 0))
        {
            (file, response.Headers.ContentEncoding) = (packed, "br");
        }

        response.ContentLength = file.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.SendFileAsync(file, context.RequestAborted);
        }
    }
}
