using System.Runtime.InteropServices;

namespace Clss.Cli;

/// <summary>
/// Turns the first Ctrl-C or SIGTERM into a cancellation, so that work stops at a point it can resume from.
/// A second one ends the process at once: what was committed is safe either way.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public Interruption()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            return; // not cancelled here: the default action ends the process
        }

        context.Cancel = true;
        _source.Cancel();
    }
}
