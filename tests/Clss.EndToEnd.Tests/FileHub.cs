using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Clss.EndToEnd.Tests;

/// <summary>The least of a model hub on 127.0.0.1: files by the last part of their address, with the headers that describe them.</summary>
internal sealed class FileHub : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _requests;

    public FileHub()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>What every request is answered with; 200 sends the file.</summary>
    public int Status { get; init; } = 200;

    public int Requests => Volatile.Read(ref _requests);

    public void Dispose() => _listener.Stop();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _requests);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // Stopped, or the client went away: the test sees what the program says.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string[] first = (await reader.ReadLineAsync() ?? "").Split(' ');
        while (!string.IsNullOrEmpty(await reader.ReadLineAsync()))
        {
        }

        byte[] bytes = Status == 200 && first.Length > 1 ? Files.GetValueOrDefault(first[1].Split('/')[^1], []) : [];
        string head = $"HTTP/1.1 {Status} Words\r\nConnection: close\r\nContent-Length: {bytes.Length}\r\n"
            + (Status == 200 ? $"X-Linked-Etag: \"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"\r\nX-Linked-Size: {bytes.Length}\r\nX-Repo-Commit: 0123abcd\r\n\r\n" : "\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        if (first[0] == "GET")
        {
            await stream.WriteAsync(bytes);
        }
    }
}
