using System.Net.Sockets;
using System.Text;

namespace Clss.Embedder.Tests.Hub;

/// <summary>The answering side of one connection, with no rules: a test may send what no server should.</summary>
internal sealed class ServerConnection(Stream stream, Socket socket, CancellationToken stopped)
{
    public Stream Stream { get; } = stream;

    /// <summary>Ends when the server is disposed.</summary>
    public CancellationToken Stopped { get; } = stopped;

    public async Task SendAsync(string text) => await Stream.WriteAsync(Encoding.Latin1.GetBytes(text), Stopped);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await Stream.WriteAsync(bytes, Stopped);

    /// <summary>A status line and headers, each "Name: value".</summary>
    public Task SendHeadAsync(int status, params string[] headers) =>
        SendAsync($"HTTP/1.1 {status} Words\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    public Task SendEmptyAsync(int status, params string[] headers) => SendHeadAsync(status, ["Content-Length: 0", .. headers]);

    /// <summary>Keeps the connection open and silent until the server stops.</summary>
    public Task StallAsync() => Task.Delay(Timeout.Infinite, Stopped);

    /// <summary>Breaks the connection without a goodbye.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
